import tseslint from "typescript-eslint";

const only = (message, ...group) => ({ group, message });

/** The arrows of docs/architecture.md: index → components → runtime; patterns stands alone; nobody imports the rest. */
const arrows = {
  tooling: only(
    "the product never imports operations, sandbox, tools, benchmarks or tests",
    "**/sandbox/**",
    "**/tools/**",
    "**/benchmarks/**",
    "**/tests/**",
    "**/operations/**",
  ),
  around: only(
    "operations/ is for whoever operates a stack: it knows the product, not what is around it",
    "**/sandbox/**",
    "**/tools/**",
    "**/benchmarks/**",
    "**/tests/**",
  ),
  pulumi: only("only components/ imports Pulumi", "@pulumi/*"),
  components: only("runtime/ runs inside Lambda and never imports deploy-time code", "**/components/**"),
  patterns: only("patterns/ is for deploy time and tools", "**/patterns/**"),
  everything: { regex: "^(?!\\./)", message: "patterns/ depends on nothing" },
};
const restrict = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { "no-restricted-imports": ["error", { patterns }] },
});

export default tseslint.config(
  { ignores: ["node_modules/**", ".sandbox/**"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/ban-ts-comment": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  { files: ["tests/**/*.ts"], rules: { "@typescript-eslint/no-unused-expressions": "off" } },
  restrict(["index.ts", "components/**/*.ts"], [arrows.tooling]),
  restrict(
    ["components/definition.ts", "components/guardrails/**/*.ts"],
    [arrows.tooling, arrows.pulumi, arrows.patterns],
  ),
  restrict(["runtime/**/*.ts"], [arrows.tooling, arrows.pulumi, arrows.components, arrows.patterns]),
  restrict(["patterns/**/*.ts"], [arrows.everything]),
  restrict(["operations/**/*.ts"], [arrows.around, arrows.pulumi, arrows.patterns]),
  {
    // What Pulumi's serializer breaks silently: docs/architecture.md, "What may run in Lambda".
    files: ["runtime/**/*.ts", "components/guardrails/**/*.ts"],
    rules: {
      "no-labels": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "ClassDeclaration, ClassExpression",
          message: "classes break when Pulumi serializes them; use plain functions",
        },
        {
          selector: "ImportNamespaceSpecifier",
          message: "name what you import: a namespace does not serialize",
        },
        {
          selector: "Program > VariableDeclaration > VariableDeclarator > NewExpression",
          message: "build it inside a function: a captured instance breaks when serialized",
        },
      ],
    },
  },
);
