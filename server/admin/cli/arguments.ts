/** What arguments mean, where several commands take them. */
import { InvalidArgumentError } from "commander";
import { parseSize } from "../../config/schema.ts";

/** Gives the file named by --config, once the command line is read. */
export type ConfigFile = () => string | undefined;

/** Bytes. */
export function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('It must be a number of bytes or a size as "500 MiB".');
  return bytes;
}

/** A number of things. */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a number.");
  return Number(text);
}

/** Also "default": as configured. */
export function orDefault<T>(parse: (text: string) => T): (text: string) => T | "default" {
  return (text) => text === "default" ? text : parse(text);
}

export function onOrOff(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError("It must be on or off.");
  return text === "on";
}

/** Makes a parser that throws RangeError one for an argument. */
export function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof RangeError) throw new InvalidArgumentError(`${error.message}.`);
      throw error;
    }
  };
}

/** For an option that may be given again, or with commas between values. */
export function several<T>(parse: (text: string) => T): (text: string, before: readonly T[] | undefined) => T[] {
  const one = checked(parse);
  return (text, before = []) => [...before, ...text.split(",").map((part) => one(part.trim()))];
}
