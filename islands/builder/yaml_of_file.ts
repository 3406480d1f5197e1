/**
 * Reads a file that somebody gives, as a document is written: in YAML.
 *
 * @module
 */
import { stringify } from "yaml";

/** The text of a file. @throws {TypeError} if it should be JSON and is not. */
export async function yamlOf(file: File): Promise<string> {
  const text = await file.text();
  if (!file.name.endsWith(".json")) return text;
  try {
    // JSON is YAML, but nobody wants to read it as such.
    return stringify(JSON.parse(text));
  } catch (error) {
    const reason = (error as Error).message;
    throw new TypeError(`It is not JSON: ${reason}`);
  }
}
