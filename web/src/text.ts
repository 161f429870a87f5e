// SPDX-License-Identifier: Apache-2.0
// Numbers and counts as text.

/** 0.927 -> "92.7 %", which no line break separates. */
export function percent(fraction: number, digits = 1): string {
  return `${(100 * fraction).toFixed(digits)}\u00a0%`;
}

/** A sentence of the report, so that no line break separates a number and its %. */
export function sentence(text: string): string {
  return text.replace(/(\d) %/g, "$1\u00a0%").replace(/ -> /g, " → ");
}

/** A note of the run as a sentence: a large letter first, but in names such as mixed_bfloat16. */
export function note(text: string): string {
  return sentence(/^[a-z]+\b(?!_|-\w+_)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);
}

/** At most so many letters. */
export function clipped(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text;
}

/** 1234567 -> "1,234,567" */
export function grouped(count: number): string {
  return Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

export function counted(count: number, one: string, many: string): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** 0.00012345 -> "1.23e-4", 12.345 -> "12.3" */
export function short(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 0.001 && size < 100000 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

/** "0:42", "1:02:03" */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
