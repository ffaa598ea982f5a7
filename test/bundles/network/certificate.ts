import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";

/** A certificate of its own authority: `caPath` is what makes a process trust it (NODE_EXTRA_CA_CERTS). */
export type Certificate = { key: string; cert: string; caPath: string };

/** Made anew for each run and for these names alone; the key stays in memory. */
export const makeCertificate = async (folder: string, names: readonly string[]): Promise<Certificate> => {
  const [commonName = ""] = names;
  const { private: key, cert } = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    curve: "P-256",
    notAfterDate: new Date(Date.now() + 24 * 60 * 60 * 1000),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) },
    ],
  });
  const caPath = join(folder, "ca.pem");
  writeFileSync(caPath, cert);
  return { key, cert, caPath };
};
