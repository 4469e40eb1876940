// The peer in Express (../peer.py says what it answers): as one writes such a server, and no slower than that.
"use strict";

const { createSecretKey } = require("node:crypto");

const express = require("express");
const jwt = require("jsonwebtoken");
const { Pool } = require("pg");

const { BENCHMARK_DATABASE, BENCHMARK_KEY, BENCHMARK_CONNECTIONS, PORT } = process.env;
// As a text it would be tried as a public key first, each time.
const key = createSecretKey(BENCHMARK_KEY, "utf8");
const pool = new Pool({ connectionString: BENCHMARK_DATABASE, max: Number(BENCHMARK_CONNECTIONS) });

// By their names they are planned once for each connection.
const MEMBER = {
  name: "member",
  text: "select role from memberships where user_id = $1 and project_id = $2",
};
const ITEMS = {
  name: "items",
  text: "select state, count(*)::int from items where project_id = $1 group by state",
};
const REST = {
  name: "rest",
  text: `
    select (select count(*)::int from questions where project_id = $2 and status = 'open') as questions,
      (select max(session_end) from user_sessions where project_id = $2 and user_id = $1) as last_end`,
};

const app = express();

app.use((request, response, next) => {
  try {
    const [, token] = request.get("Authorization").split(" ");
    request.person = jwt.verify(token, key, { algorithms: ["HS256"] }).sub;
  } catch {
    return response.status(401).json({});
  }
  next();
});

app.get("/:project", async (request, response) => {
  const { project } = request.params;
  const client = await pool.connect();
  try {
    const members = await client.query({ ...MEMBER, values: [request.person, project] });
    if (!members.rows.length) {
      return response.status(404).json({});
    }
    const items = await client.query({ ...ITEMS, values: [project] });
    const rest = await client.query({ ...REST, values: [request.person, project] });
    const counts = Object.fromEntries(items.rows.map(({ state, count }) => [state, count]));
    response.json({
      itemsDecided: counts.decided ?? 0,
      itemsExploring: counts.exploring ?? 0,
      itemsParked: counts.parked ?? 0,
      pendingQuestions: rest.rows[0].questions,
      lastSessionEnd: rest.rows[0].last_end,
      role: members.rows[0].role,
    });
  } finally {
    client.release();
  }
});

app.listen(Number(PORT), "127.0.0.1");
