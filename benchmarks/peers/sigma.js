import {MultiDirectedGraph} from "graphology";
import Sigma from "sigma";

const {nodes, edges} = JSON.parse(document.getElementById("data").textContent);
const graph = new MultiDirectedGraph();
graph.import({nodes, edges});
new Sigma(graph, document.getElementById("graph"));
