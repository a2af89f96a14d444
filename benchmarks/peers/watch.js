// Runs in every measured page before its own scripts: tells of the first frame with a picture, and counts frames.
//
// A picture is a canvas of at least a quarter of the window, in the document, on which at least one sample in a hundred
// of a small copy differs from the most frequent colour. The copy is taken when the code that drew has returned, in the
// same frame, as a WebGL canvas is empty later. Once there is a picture, the drawing functions are the browser's own.
(() => {
  "use strict";
  const WIDTH = 96, HEIGHT = 60, SHARE = 0.01;
  const DRAWING = ["fill", "stroke", "fillRect", "strokeRect", "fillText", "drawImage", "putImageData",
    "drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"];
  const ONCE_A_FRAME = ["clearRect", "fillRect", "drawImage", "putImageData", "clear", "drawArrays", "drawArraysInstanced"];
  const prototypes = [CanvasRenderingContext2D, WebGLRenderingContext, WebGL2RenderingContext].map((type) => type.prototype);
  const nextFrame = window.requestAnimationFrame.bind(window);
  const {drawImage, getImageData} = CanvasRenderingContext2D.prototype;
  const afterFrame = new MessageChannel();
  const watch = window.watch = {};

  /** Have `seen` called with the context at each call of the named functions; return what undoes it. */
  function patch(names, seen) {
    const undo = [];
    for (const prototype of prototypes) {
      for (const name of names.filter((known) => Object.hasOwn(prototype, known))) {
        const native = prototype[name];
        prototype[name] = function (...given) {
          const result = native.apply(this, given);
          seen(this);
          return result;
        };
        undo.push(() => { prototype[name] = native; });
      }
    }
    return () => undo.forEach((step) => step());
  }

  // The first picture

  let inFrame = false;
  let waiting = false;
  const drawnOn = new Set();
  window.requestAnimationFrame = (callback) => nextFrame((time) => {
    inFrame = true;
    try {
      callback(time);
    } finally {
      inFrame = false;
    }
  });
  const unpatch = patch(DRAWING, ({canvas}) => {
    drawnOn.add(canvas);
    if (!waiting && canvas !== copy.canvas) {
      waiting = true;
      const shownAtOnce = inFrame;
      queueMicrotask(() => look(shownAtOnce));
    }
  });
  const copy = Object.assign(document.createElement("canvas"), {width: WIDTH, height: HEIGHT})
    .getContext("2d", {willReadFrequently: true});

  function look(shownAtOnce) {
    const found = [...drawnOn].some(hasPicture);
    drawnOn.clear();
    waiting = found;
    if (!found) {
      return;
    }
    unpatch();
    // What is drawn outside of a frame is shown with the next one; a message arrives when the frame is done.
    afterFrame.port1.onmessage = () => { console.info(`first picture: ${performance.now()}`); };
    const tell = () => afterFrame.port2.postMessage(null);
    if (shownAtOnce) {
      tell();
    } else {
      nextFrame(tell);
    }
  }

  // A page that threw and has not drawn ten seconds later is not waited for any longer.
  window.addEventListener("error", () => window.setTimeout(() => { console.info("no picture"); }, 10_000));

  function hasPicture(canvas) {
    if (!canvas.isConnected || canvas.clientWidth * canvas.clientHeight < innerWidth * innerHeight / 4) {
      return false;
    }
    copy.clearRect(0, 0, WIDTH, HEIGHT);
    drawImage.call(copy, canvas, 0, 0, WIDTH, HEIGHT);
    const samples = new Uint32Array(getImageData.call(copy, 0, 0, WIDTH, HEIGHT).data.buffer);
    const counts = new Map();
    for (const sample of samples) {
      counts.set(sample, (counts.get(sample) ?? 0) + 1);
    }
    return 1 - Math.max(...counts.values()) / samples.length >= SHARE;
  }

  // Frames

  let counting = null;
  watch.start = () => {
    const count = counting = {start: performance.now(), last: performance.now(), longest: 0, frames: 0, drawn: 0, fresh: false};
    count.unpatch = patch(ONCE_A_FRAME, () => { count.fresh = true; });
    nextFrame(function frame() {
      if (counting === count) {
        const now = performance.now();
        count.longest = Math.max(count.longest, now - count.last);
        count.last = now;
        count.frames += 1;
        count.drawn += count.fresh;
        count.fresh = false;
        nextFrame(frame);
      }
    });
  };
  watch.stop = () => {
    const {start, last, longest, frames, drawn, unpatch} = counting;
    counting = null;
    unpatch();
    const now = performance.now();
    return {seconds: (now - start) / 1000, frames, drawn, longest: Math.max(longest, now - last) / 1000};
  };

  // Answers

  /** Call `act`; give the milliseconds until the page is laid out, and until the end of the frame that shows it. */
  watch.timed = async (act) => {
    const start = performance.now();
    act();
    document.body.getBoundingClientRect();
    const laidOut = performance.now() - start;
    const shown = await new Promise((done) => nextFrame(() => {
      const frameEnds = new MessageChannel();
      frameEnds.port1.onmessage = () => done(performance.now() - start);
      frameEnds.port2.postMessage(null);
    }));
    return [laidOut, shown];
  };
})();
