// An enum is code, not only a type: Node alone refuses it.
export enum Language {
  English = 'en',
  German = 'de',
}
