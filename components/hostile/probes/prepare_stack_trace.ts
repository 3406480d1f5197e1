// Asks the frames of a stack for their functions and receivers, by which it
// could climb into the bootstrap.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const found = [];
  Error.prepareStackTrace = (_, frames) => {
    for (const frame of frames) {
      const held = [frame.getThis(), frame.getFunction()];
      for (const it of held) if (it !== undefined) found.push(String(it));
      const origin = frame.getEvalOrigin();
      if (origin?.includes?.("/work/")) found.push(origin);
    }
    return "";
  };
  Error.stackTraceLimit = 1_000;
  const { stack } = new Error("climb");
  return { got: found.length > 0 ? found : null, stack };
}
