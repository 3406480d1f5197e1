/**
 * There is no gRPC.
 *
 * @module
 */
import { placeholder } from "../_placeholder.ts";

export default placeholder("grpc.server", {
  summary: "There is no gRPC here; http.server and http.router serve requests",
  inert: { address: "nothing listens on it" },
});
