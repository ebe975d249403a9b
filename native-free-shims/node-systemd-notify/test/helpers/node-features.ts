// What the Node that runs the tests lacks, as the reason to skip a test.
export const noFfi =
  Number(process.versions.node.split('.')[0]) >= 26
    ? false
    : 'only Node 26 and later have node:ffi';
