// Fastify as its documentation has it: it knows nothing of graceful-run.
import Fastify from 'fastify';

const fastify = Fastify({ logger: true });
const port = Number(process.env.PORT ?? 3000);

fastify.get('/', async (_request, _reply) => {
  return { hello: 'world' };
});

try {
  await fastify.listen({ port });
} catch (err) {
  fastify.log.error(err);
  process.exit(1);
}
