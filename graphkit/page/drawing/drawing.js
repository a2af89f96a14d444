"use strict";
// Draws the graph in #data. Whatever comes from there is foreign text: it reaches the page through textContent and
// the canvas only. There is no innerHTML here, and the page's policy (trusted types) forbids it.
(() => {
  const find = (id) => document.getElementById(id);
  const data = JSON.parse(find("data").textContent);
  const { facts } = data;
  const sorts = data.nodes.map((node) => node.group);
  const HUBS = new Set(["provider", "topic"]);
  const MOST_FOUND = 12;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const edgesOf = data.nodes.map(() => []);
  data.edges.forEach((edge, id) => {
    edgesOf[edge.from].push(id);
    edgesOf[edge.to].push(id);
  });
  const busiestFirst = data.nodes
    .map((node) => node.id)
    .sort((a, b) => HUBS.has(sorts[b]) - HUBS.has(sorts[a]) || edgesOf[b].length - edgesOf[a].length || a - b);

  // --- elements -----------------------------------------------------------------------------------------------

  function element(name, { text, ...attributes } = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
  }

  function icon(id) {
    return document.querySelector(`#legend svg.${sorts[id]}`).cloneNode(true);
  }

  function webAddress(text) {
    try {
      const url = new URL(text);
      return url.protocol === "https:" || url.protocol === "http:" ? url : null;
    } catch {
      return null;
    }
  }

  // --- the picture --------------------------------------------------------------------------------------------

  let selected = null;
  let dimmed = false; // whether the selected node and its neighbours stand out from a dimmed picture
  let hovered = null;
  let matches = null; // the nodes that fit the search box, or null when it is empty
  let colours = {};
  let network = null;
  let nodes = null;
  let edges = null;
  const upright = find("canvas").clientHeight > find("canvas").clientWidth; // the layout is wider than high: turn it
  let painted = { nodes: [], edges: [] };

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    const names = ["article", "video", "other", "provider", "topic", "publisher", "distributor", "about", "related",
      "broader", "paper", "ink", "soft", "mark"];
    colours = Object.create(null); // so that an edge of the kind "constructor" finds nothing here
    for (const name of names) colours[name] = style.getPropertyValue(`--${name}`).trim();
    painted = { nodes: [], edges: [] };
  }

  // The nodes that stand out: those found while searching, else the selected one with its neighbours, else all (null).
  function litNodes() {
    if (matches !== null) return matches;
    return dimmed ? neighbourhood(selected) : null;
  }

  function neighbourhood(node) {
    return new Set([node, ...edgesOf[node].flatMap((id) => [data.edges[id].from, data.edges[id].to])]);
  }

  function edgeLook(edge, lit) {
    if (lit === null) return "plain";
    const close = matches === null ? edge.from === selected || edge.to === selected : lit.has(edge.from) && lit.has(edge.to);
    return close ? "strong" : "faint";
  }

  const CROWD = 40; // arrowheads of so many edges into one node hide one another, so only a strong edge shows its own
  const PLAIN_OPACITY = Math.max(0.22, 0.6 - data.edges.length / 4000);

  function paintEdge(edge, id, look) {
    const opacity = { plain: PLAIN_OPACITY, strong: 0.95, faint: 0.07 }[look];
    const colour = colours[edge.kind] ?? colours.soft;
    const headed = look === "strong" || (look === "plain" && edgesOf[edge.to].length < CROWD);
    return {
      id, from: edge.from, to: edge.to, arrows: headed ? edge.arrows : "",
      dashes: edge.kind === "distributor" ? [6, 4] : false,
      width: look === "strong" ? 2 : 1,
      color: { color: colour, highlight: colour, hover: colour, inherit: false, opacity },
    };
  }

  function paintNode(node, look) {
    const { id, shape, size, x, y, title } = node;
    const fill = colours[sorts[id]];
    const chosen = id === selected;
    const marked = { background: fill, border: colours.mark };
    const color = { background: fill, border: chosen ? colours.mark : colours.paper, highlight: marked, hover: marked };
    const made = { id, shape, size, title, color, opacity: look === "faint" ? 0.13 : 1, borderWidth: chosen ? 3 : 1.5 };
    if (nodes.length) return made; // where it is now: it may have been dragged
    return { ...made, ...(upright ? { x: y, y: x } : { x, y }) };
  }

  // Brings the picture in line with what is selected, found and light or dark; touches only what looks different.
  function paint() {
    const lit = litNodes();
    const looks = {
      nodes: data.nodes.map(({ id }) => (id === selected ? "chosen" : lit === null || lit.has(id) ? "plain" : "faint")),
      edges: data.edges.map((edge) => edgeLook(edge, lit)),
    };
    const changed = (kind) => [...looks[kind].keys()].filter((id) => painted[kind][id] !== looks[kind][id]);
    nodes.update(changed("nodes").map((id) => paintNode(data.nodes[id], looks.nodes[id])));
    edges.update(changed("edges").map((id) => paintEdge(data.edges[id], id, looks.edges[id])));
    painted = looks;
    if (network) network.redraw();
  }

  // --- labels: as many as there is room for, the most important first, at one size on the screen whatever the zoom ---

  const FAMILY = getComputedStyle(document.body).fontFamily;
  const widths = new Map();

  function fontOf(id) {
    if (id === selected) return [14, 700];
    if (HUBS.has(sorts[id])) return [data.nodes[id].size > 16 ? 14 : 12, 600];
    return [11.5, 400];
  }

  function widthOf(context, id, size, weight) {
    const key = `${id}/${size}/${weight}`;
    if (!widths.has(key)) {
      context.font = `${weight} ${size}px ${FAMILY}`;
      widths.set(key, context.measureText(data.nodes[id].label).width);
    }
    return widths.get(key);
  }

  function labelOrder(lit) {
    const first = [selected, hovered].filter((id) => id !== null);
    const rest = busiestFirst.filter((id) => !first.includes(id) && (lit === null || lit.has(id)));
    return [...first, ...rest];
  }

  function drawLabels(context) {
    const scale = network.getScale();
    const places = network.getPositions();
    const lit = litNodes();
    const { clientWidth, clientHeight } = find("canvas");
    const corner = network.DOMtoCanvas({ x: 0, y: 0 });
    const taken = [[clientWidth - 60, clientHeight - 144, clientWidth, clientHeight]]; // the zoom buttons
    const free = (box) => taken.every((one) => box[0] >= one[2] || box[2] <= one[0] || box[1] >= one[3] || box[3] <= one[1]);
    const onScreen = ({ x, y }) => [(x - corner.x) * scale, (y - corner.y) * scale];
    const few = lit !== null || scale > 0.85;
    for (const id of busiestFirst) {
      if (lit === null ? !few && !HUBS.has(sorts[id]) : !lit.has(id)) continue;
      const [x, y] = onScreen(places[id]);
      const half = data.nodes[id].size * scale;
      taken.push([x - half, y - half, x + half, y + half]);
    }
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const id of labelOrder(lit)) {
      if (!few && !HUBS.has(sorts[id]) && id !== hovered) continue;
      const [x, y] = onScreen(places[id]);
      if (x < 0 || y < 0 || x > clientWidth || y > clientHeight) continue;
      const [size, weight] = fontOf(id);
      const half = widthOf(context, id, size, weight) / 2 + 3;
      const away = data.nodes[id].size * scale + size * 0.6 + 4;
      const must = id === selected || id === hovered;
      const aside = data.nodes[id].size * scale + half + 2;
      for (const [right, down] of [[0, away], [0, -away], [aside, 0], [-aside, 0]]) {
        const centre = Math.min(clientWidth - half - 2, Math.max(half + 2, x + right)); // whole, also at the border
        const middle = y + down;
        const box = [centre - half, middle - size * 0.6, centre + half, middle + size * 0.6];
        if (!must && !free(box)) continue;
        taken.push(box);
        context.font = `${weight} ${size / scale}px ${FAMILY}`;
        context.lineWidth = 4 / scale;
        context.strokeStyle = colours.paper;
        context.fillStyle = colours.ink;
        context.strokeText(data.nodes[id].label, corner.x + centre / scale, corner.y + middle / scale);
        context.fillText(data.nodes[id].label, corner.x + centre / scale, corner.y + middle / scale);
        break;
      }
    }
  }

  // --- moving about -------------------------------------------------------------------------------------------

  const motion = () => (calm.matches ? false : { duration: 250, easingFunction: "easeInOutQuad" });

  function fit(ids = data.nodes.map((node) => node.id), { animation = motion(), most = 1.6 } = {}) {
    network.fit({ nodes: ids, animation, maxZoomLevel: most });
  }

  function zoom(factor) {
    const scale = Math.min(6, Math.max(0.05, network.getScale() * factor));
    network.moveTo({ scale, animation: motion() });
  }

  function pan(x, y) {
    const at = network.getViewPosition();
    const step = 80 / network.getScale();
    network.moveTo({ position: { x: at.x + x * step, y: at.y + y * step } });
  }

  const KEYS = {
    ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, -1), ArrowDown: () => pan(0, 1),
    "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: () => fit(),
  };

  // --- the panel ----------------------------------------------------------------------------------------------

  function goButton(id) {
    const button = element("button", { type: "button", class: "go" }, icon(id), element("span", { text: facts[id].name, dir: "auto" }));
    button.addEventListener("click", () => select(id, { move: true }));
    return button;
  }

  function listOf({ heading, nodes: drawn = [], names = [], more = 0 }) {
    const count = drawn.length + names.length + more;
    const title = element("h3", { text: `${heading} ` }, count > 1 ? element("small", { text: `(${count})` }) : "");
    const list = element("ul", {}, ...drawn.map((id) => element("li", {}, goButton(id))));
    for (const name of names) list.append(element("li", { class: "quiet", text: name, dir: "auto", title: "Not in the picture" }));
    if (more) list.append(element("li", { class: "quiet", text: `and ${more} more that are not in the picture` }));
    return [title, list];
  }

  function panelOf(id) {
    const { what, name, url, excerpt, rows = [], others = [], lists = [] } = facts[id];
    const close = element("button", { type: "button", text: "Clear", "aria-label": "Clear the selection" });
    close.addEventListener("click", () => clear());
    const parts = [
      element("div", { class: "what" }, icon(id), element("span", { text: what }), close),
      element("h2", { text: name, dir: "auto" }),
    ];
    const address = url && webAddress(url);
    if (address) {
      const text = sorts[id] === "provider" ? address.host : `Read it at ${address.host}`;
      parts.push(element("a", { class: "away", href: address.href, rel: "noopener noreferrer", target: "_blank", text }));
    }
    if (excerpt) parts.push(element("p", { class: "excerpt", text: excerpt, dir: "auto" }));
    if (rows.length) {
      const list = element("dl");
      for (const [term, value] of rows) list.append(element("dt", { text: term }), element("dd", { text: value, dir: "auto" }));
      parts.push(list);
    }
    if (others.length) {
      const heading = HUBS.has(sorts[id]) ? "Also named" : "Other titles";
      parts.push(element("h3", { text: heading }), element("ul", {}, ...others.map((text) => element("li", { text, dir: "auto" }))));
    }
    return [...parts, ...lists.flatMap(listOf)];
  }

  function panelOfNone() {
    return [
      element("p", { text: "Choose a node in the picture, or find one with the search box, to read about it here." }),
      element("h3", { text: "Busiest" }),
      element("ul", {}, ...busiestFirst.slice(0, 12).map((id) => element("li", {}, goButton(id)))),
    ];
  }

  function showPanel() {
    find("facts").replaceChildren(...(selected === null ? panelOfNone() : panelOf(selected)));
    find("panel").scrollTop = 0;
  }

  function select(id, { move = false, dim = true } = {}) {
    const fromPanel = find("panel").contains(document.activeElement);
    selected = id;
    dimmed = dim;
    network.selectNodes([id], false);
    paint();
    showPanel();
    if (fromPanel) find("panel").focus({ preventScroll: true });
    if (move) fit([...neighbourhood(id)], { most: 1.1 });
  }

  function clear() {
    selected = null;
    dimmed = false;
    network.unselectAll();
    paint();
    showPanel();
  }

  // --- the search box -----------------------------------------------------------------------------------------

  const box = find("search");
  const found = find("found");
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const haystacks = facts.map(({ name, others = [] }) => fold([name, ...others].join("\n")));
  let options = [];
  let active = -1;

  function showActive() {
    [...found.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    if (active < 0) {
      box.removeAttribute("aria-activedescendant");
    } else {
      box.setAttribute("aria-activedescendant", `found-${active}`);
      found.children[active].scrollIntoView({ block: "nearest" });
    }
  }

  function closeList() {
    options = [];
    active = -1;
    found.replaceChildren();
    found.hidden = true;
    box.setAttribute("aria-expanded", "false");
    showActive();
  }

  function search() {
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    closeList();
    find("tally").textContent = "";
    matches = null;
    if (words.length) {
      const fits = busiestFirst.filter((id) => words.every((word) => haystacks[id].includes(word)));
      matches = new Set(fits);
      options = fits.slice(0, MOST_FOUND);
      found.replaceChildren(...options.map((id, at) => {
        const option = element("li", { role: "option", id: `found-${at}`, "aria-selected": "false" },
          icon(id), element("span", { text: facts[id].name, dir: "auto" }));
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => choose(id));
        return option;
      }));
      if (!fits.length) found.append(element("li", { text: "Nothing found in the picture", role: "option", "aria-disabled": "true" }));
      found.hidden = false;
      box.setAttribute("aria-expanded", "true");
      find("tally").textContent = `${fits.length} found`;
      active = options.length ? 0 : -1;
      showActive();
    }
    paint();
  }

  function choose(id) {
    box.value = "";
    matches = null;
    closeList();
    select(id, { move: true });
  }

  box.addEventListener("input", search);
  box.addEventListener("blur", () => { found.hidden = true; });
  box.addEventListener("focus", () => { found.hidden = found.children.length === 0; });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (options.length) active = (active + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      showActive();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(options[active]);
    } else if (event.key === "Escape" && box.value) {
      event.preventDefault();
      event.stopPropagation();
      box.value = "";
      search();
    }
  });

  // --- start --------------------------------------------------------------------------------------------------

  function fillLegend() {
    for (const item of document.querySelectorAll("#legend [data-sort]")) {
      const count = sorts.filter((sort) => sort === item.dataset.sort).length;
      item.querySelector("span").textContent = count.toLocaleString("en");
      item.hidden = count === 0;
    }
    for (const item of document.querySelectorAll("#legend [data-kind]")) {
      item.hidden = !data.edges.some((edge) => edge.kind === item.dataset.kind);
    }
  }

  function startEmpty() {
    for (const id of ["legend", "zoom", "canvas", "panel"]) find(id).hidden = true;
    find("blank").hidden = false;
    box.disabled = true;
  }

  function start() {
    readColours();
    fillLegend();
    nodes = new vis.DataSet();
    edges = new vis.DataSet();
    paint();
    network = new vis.Network(find("canvas"), { nodes, edges }, data.options);
    network.on("afterDrawing", drawLabels);
    network.on("click", ({ nodes: [id] }) => (id === undefined ? clear() : select(id)));
    network.on("hoverNode", ({ node }) => { hovered = node; });
    network.on("blurNode", () => { hovered = null; });
    network.on("resize", () => network.redraw());
    fit(undefined, { animation: false });
    dark.addEventListener("change", () => { readColours(); paint(); });
    find("zoom").addEventListener("click", ({ target }) => {
      const act = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), fit: () => fit() }[target.dataset.zoom];
      if (act) act();
    });
    find("canvas").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, event.key)) return;
      event.preventDefault();
      KEYS[event.key]();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && document.activeElement !== box) {
        event.preventDefault();
        box.focus();
      } else if (event.key === "Escape" && selected !== null) {
        clear();
      }
    });
    showPanel();
    if (data.centre !== null) select(data.centre, { dim: false });
    window.graphkit = { network, data, select, clear };
  }

  if (data.nodes.length) start();
  else startEmpty();
})();
