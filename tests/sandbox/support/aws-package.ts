import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** What the AWS package's own types say about one resource type. */
export interface Declared {
  readonly args: readonly string[];
  readonly required: readonly string[];
  /** Outputs that are never undefined. */
  readonly outputs: readonly string[];
}

/** Reads `aws:sns/topic:Topic` from the package's declarations. @throws Error if it has no such type. */
export function declarationOf(type: string): Declared {
  const [, path, name] = /^aws:([^:]+):(\w+)$/.exec(type) ?? [];
  const file = join(dirname(require.resolve("@pulumi/aws/package.json")), `${path}.d.ts`);
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const args = source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(statement => statement.name.text === `${name}Args`)
    .flatMap(statement => [...statement.members])
    .filter(ts.isPropertySignature);
  const outputs = source.statements
    .filter(ts.isClassDeclaration)
    .filter(statement => statement.name?.text === name)
    .flatMap(statement => [...statement.members])
    .filter(ts.isPropertyDeclaration)
    .filter(member => member.type !== undefined && isKnownOutput(member.type, source));
  if (args.length === 0 || outputs.length === 0) throw new Error(`${file} declares no ${name}`);
  const nameOf = (member: ts.PropertySignature | ts.PropertyDeclaration) => member.name.getText(source);
  return {
    args: args.map(nameOf),
    required: args.filter(member => member.questionToken === undefined).map(nameOf),
    outputs: outputs.map(nameOf),
  };
}

const isKnownOutput = (type: ts.TypeNode, source: ts.SourceFile): boolean => {
  const text = type.getText(source);
  return text.startsWith("pulumi.Output<") && !text.endsWith("| undefined>");
};
