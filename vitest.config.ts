import { configDefaults, defineConfig } from "vitest/config";

/** These rooms leave nothing behind in a process, so that their files share one and save its start. */
const sharing = [
  "audit",
  "common",
  "docs",
  "mapping",
  "memory",
  "model",
  "provisioning",
  "scim-server",
  "scim/wire",
  "stores",
];
const shared = sharing.map((room) => `test/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "isolated",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...shared],
        },
      },
      { extends: true, test: { name: "shared", include: shared, isolate: false } },
    ],
  },
});
