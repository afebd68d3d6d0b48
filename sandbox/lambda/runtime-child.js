"use strict";
/**
 * The process that runs one Lambda function: follows the sandbox clock, then serves the Runtime API as the nodejs
 * runtimes do. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
const dns = require("node:dns");
const fs = require("node:fs");
const http = require("node:http");
const { createRequire } = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { format } = require("node:util");
const { followSandboxClock } = require("./runtime-clock.js");

const request = http.request;
const agent = new http.Agent({ keepAlive: true });
const exit = process.exit.bind(process);
let invocation;

connectToSandbox();
resolveLocalhost();
patchConsole();
muteVersionWarning();
void serve();

function connectToSandbox() {
  const send = process.send.bind(process);
  const hear = followSandboxClock(Number(process.argv[2]), report => process.connected && send(report));
  process.argv.length = 2;
  process.on("message", hear);
  process.on("disconnect", () => exit(0));
  process.channel.unref();
  delete process.send;
}

/** The S3 Control client puts the account in front of the host name, and not every system resolves *.localhost. */
function resolveLocalhost() {
  const { lookup } = dns;
  dns.lookup = (host, ...rest) => lookup(/(^|\.)localhost$/.test(host) ? "127.0.0.1" : host, ...rest);
}

/** In the Text format console lines carry time, request and level; what is written to stdout itself stays bare. */
function patchConsole() {
  const isJson = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
  const line = (level, args) => {
    const [timestamp, requestId] = [new Date().toISOString(), invocation?.id];
    if (isJson)
      return JSON.stringify({
        timestamp,
        level,
        requestId,
        message: args.length === 1 ? args[0] : format(...args),
      });
    return [timestamp, requestId, level, format(...args)].join("\t").replace(/\n/g, "\r");
  };
  for (const level of ["debug", "error", "info", "log", "trace", "warn"])
    console[level] = (...args) =>
      void process.stdout.write(`${line(level === "log" ? "INFO" : level.toUpperCase(), args)}\n`);
}

/** The SDK warns of this machine's Node.js, where Lambda would run the function's own: no line of the function's. */
function muteVersionWarning() {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith("NodeVersionSupportWarning")) emitWarning.call(process, warning, ...rest);
  };
}

async function serve() {
  process.on("uncaughtException", error => void fail(error, 129));
  process.on(
    "unhandledRejection",
    reason => void fail(named("Runtime.UnhandledPromiseRejection", String(reason), reason), 128),
  );
  process.on("beforeExit", () => invocation?.done("null"));
  let handler;
  try {
    handler = await load();
  } catch (error) {
    console.error("Uncaught Exception", JSON.stringify(describe(error)));
    return void (await fail(error, 1));
  }
  for (;;) await serveOne(handler);
}

async function serveOne(handler) {
  const { headers, text } = await call("GET", "invocation/next");
  const id = headers["lambda-runtime-aws-request-id"];
  const context = contextOf(id, headers);
  try {
    const event = JSON.parse(text);
    const body = await new Promise((resolve, reject) => {
      invocation = { id, done: resolve };
      answerOf(handler, event, context, resolve, reject);
    });
    await call("POST", `invocation/${id}/response`, body);
  } catch (error) {
    console.error("Invoke Error", JSON.stringify(describe(error)));
    await call("POST", `invocation/${id}/error`, JSON.stringify(describe(error)));
  } finally {
    invocation = undefined;
  }
}

function answerOf(handler, event, context, resolve, reject) {
  const finish = value => resolve(JSON.stringify(value === undefined ? null : value));
  const callback = (error, value) => (error == null ? finish(value) : reject(error));
  Object.assign(context, { done: callback, succeed: finish, fail: reject });
  const returned = handler(event, context, callback);
  // What a handler returns counts only as a promise; others answer through the callback, or null when nothing is left.
  if (typeof returned?.then === "function") returned.then(finish, reject);
}

function contextOf(id, headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: id,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function load() {
  const [, folder, file, names] = /^(.*\/)?([^./]+)\.(.+)$/.exec(process.env._HANDLER) ?? [];
  if (file === undefined) throw named("Runtime.MalformedHandlerName", "Bad handler");
  const base = path.join(process.env.LAMBDA_TASK_ROOT, folder ?? "", file);
  const extension = [".js", ".mjs", ".cjs"].find(ending => fs.existsSync(base + ending));
  if (extension === undefined)
    throw named("Runtime.ImportModuleError", `Error: Cannot find module '${file}'`);
  let module;
  try {
    module =
      extension === ".mjs"
        ? await import(pathToFileURL(base + extension).href)
        : createRequire(base + extension)(base + extension);
  } catch (error) {
    if (error instanceof SyntaxError) throw named("Runtime.UserCodeSyntaxError", String(error), error);
    if (error?.code === "MODULE_NOT_FOUND") throw named("Runtime.ImportModuleError", String(error), error);
    throw error;
  }
  const handler = names.split(".").reduce((value, name) => value?.[name], module);
  if (typeof handler !== "function")
    throw named("Runtime.HandlerNotFound", `${process.env._HANDLER} is undefined or not exported`);
  return handler;
}

function named(name, message, cause) {
  return Object.assign(new Error(message), { name }, cause?.stack && { stack: cause.stack });
}

/** The error object that Lambda's callers, destinations and logs see. */
function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}

/** Reports an error that no handler caught, and ends the process as the runtime does. */
async function fail(error, code) {
  const place = invocation === undefined ? "init/error" : `invocation/${invocation.id}/error`;
  try {
    await call("POST", place, JSON.stringify(describe(error)));
  } finally {
    exit(code);
  }
}

function call(method, operation, body) {
  const url = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${operation}`;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent }, answer => {
      const parts = [];
      answer.on("data", part => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => resolve({ headers: answer.headers, text: Buffer.concat(parts).toString() }));
    });
    // Without the sandbox there is nobody left to run for.
    outgoing.on("error", () => exit(0));
    outgoing.end(body);
  });
}
