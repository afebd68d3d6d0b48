import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";

const root = join(__dirname, "../..");

/** Every file that may end up in a function, parsed, by its path. */
export function runTimeSources(): Record<string, ts.SourceFile> {
  const files = ["runtime", "components/guardrails"].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter(file => file.endsWith(".ts"))
      .map(file => `${folder}/${file.replace(/\\/g, "/")}`),
  );
  return Object.fromEntries(
    files
      .sort()
      .map(file => [
        file,
        ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2020, true),
      ]),
  );
}

/** The modules that a file imports at run time; type-only imports are gone by then. */
export const importsOf = (source: ts.SourceFile): string[] =>
  source.statements.filter(ts.isImportDeclaration).flatMap(({ importClause, moduleSpecifier }) => {
    const bindings = importClause?.namedBindings;
    const isTypeOnly =
      importClause?.isTypeOnly === true ||
      (importClause?.name === undefined &&
        bindings !== undefined &&
        ts.isNamedImports(bindings) &&
        bindings.elements.every(element => element.isTypeOnly));
    return isTypeOnly ? [] : [(moduleSpecifier as ts.StringLiteral).text];
  });

/** The names that a file declares at its top level, types left out. */
export const declaredIn = (source: ts.SourceFile): string[] =>
  source.statements.flatMap(statement => {
    if (ts.isFunctionDeclaration(statement)) return statement.name?.text ?? [];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
  });

const namesIn = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap(element => (ts.isBindingElement(element) ? namesIn(element.name) : []));
