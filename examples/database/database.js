// Stands for the client of a real database, and like one complains when it is used after close().

export class Database {
  #rows = [];
  #connected = false;

  async connect() {
    this.#connected = true;
  }

  async insert(rows) {
    this.#assertConnected();
    this.#rows.push(...rows);
  }

  async count() {
    this.#assertConnected();
    return this.#rows.length;
  }

  async close() {
    this.#assertConnected();
    this.#connected = false;
  }

  #assertConnected() {
    if (!this.#connected) throw new Error('the database is not connected');
  }
}
