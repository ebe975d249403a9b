// What is known of a request; nothing of it is left when it runs.
export interface Visit {
  readonly path: string;
  readonly pid: number;
}
