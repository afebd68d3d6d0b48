"use strict";
require("../register");
const { existsSync, readdirSync } = require("node:fs");

const names = readdirSync(__dirname).flatMap(file => (/^[a-z-]+\.ts$/.test(file) ? [file.slice(0, -3)] : []));
const name = process.argv[2];
if (!name || !names.includes(name) || !existsSync(`${__dirname}/${name}.ts`)) {
  console.error(
    `${name ? `There is no benchmark "${name}". ` : ""}Usage: npm run bench -- <${names.join(" | ")}>`,
  );
  process.exit(2);
}
require(`./${name}`)
  .run(process.argv.slice(3))
  .catch(error => {
    console.error(error);
    process.exit(1);
  });
