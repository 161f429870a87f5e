// The part of d3's modules that the page uses. Debian packages them without types.
declare module "d3-scale" {
  export interface Scale {
    (value: number): number;
    domain(domain: readonly [number, number]): this;
    range(range: readonly [number, number]): this;
    nice(count?: number): this;
    clamp(clamp: boolean): this;
    ticks(count?: number): number[];
    domain(): [number, number];
  }
  export function scaleLinear(): Scale;
}
declare module "d3-shape" {
  export type Point = readonly [number, number];
  export interface LineOfPoints {
    (points: readonly Point[]): string | null;
    curve(curve: unknown): this;
  }
  export interface AreaOfPoints {
    (points: readonly Point[]): string | null;
    y0(y: number): this;
    y1(y: (point: Point) => number): this;
    curve(curve: unknown): this;
  }
  export function line(): LineOfPoints;
  export function area(): AreaOfPoints;
  export const curveMonotoneX: unknown;
  export const curveStepAfter: unknown;
}
