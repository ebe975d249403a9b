// Express as its documentation has it: it knows nothing of graceful-run.
import express from 'express';

const app = express();
const port = process.env.PORT ?? 3000;

app.get('/', (_req, res) => {
  res.send('Hello World!\n');
});

app.listen(port, (error) => {
  if (error) throw error;
  console.log(`Example app listening on port ${port}`);
});
