/** Reads an export as a page would, by Cytoscape.js or d3-force, and writes as JSON what the library made of it. */

import { readFileSync } from "node:fs";
import cytoscape from "cytoscape";
import { forceLink, forceManyBody, forceSimulation } from "d3-force";

const readers = {
  cytoscape(document) {
    const graph = cytoscape({ headless: true, ...document });
    return {
      data: graph.data(),
      nodes: graph.nodes().map((node) => node.data()),
      edges: graph.edges().map((edge) => ({
        ...edge.data(),
        source: edge.source().id(),
        target: edge.target().id(),
      })),
    };
  },
  d3({ nodes, links }) {
    const link = forceLink(links).id((node) => node.id);
    const simulation = forceSimulation(nodes).force("link", link).force("charge", forceManyBody()).stop();
    simulation.tick(3);
    return {
      placed: nodes.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
      nodes: nodes.map(({ index, x, y, vx, vy, ...told }) => told),
      links: links.map(({ index, ...told }) => ({ ...told, source: told.source.id, target: told.target.id })),
    };
  },
};

const [library, path] = process.argv.slice(2);
process.stdout.write(JSON.stringify(readers[library](JSON.parse(readFileSync(path, "utf8")))));
