import ForceGraph from "force-graph";

const {nodes, links, middle, zoom, lean} = JSON.parse(document.getElementById("data").textContent);
const graph = new ForceGraph(document.getElementById("graph")).cooldownTicks(0);
if (lean) {
  graph
    .enablePointerInteraction(false)
    .enableNodeDrag(false)
    .nodeLabel(null)
    .nodeCanvasObject((node, context) => {
      context.fillStyle = node.color;
      context.fillRect(node.x - 4, node.y - 4, 8, 8);
    });
}
graph.graphData({nodes, links}).centerAt(...middle).zoom(zoom);
