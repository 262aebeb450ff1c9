import type { Messages } from "../ar";
import { app } from "./app";
import { ballot } from "./ballot";
import { comment } from "./comment";
import { draft } from "./draft";
import { glossary } from "./glossary";
import { guideline } from "./guideline";
import { history } from "./history";
import { library } from "./library";
import { member } from "./member";
import { narrow } from "./narrow";
import { people } from "./people";
import { practice } from "./practice";
import { secretariat } from "./secretariat";
import { section } from "./section";
import { suggest } from "./suggest";

/** Every sentence of the interface in English. */
export const messages: Record<keyof Messages, string> = {
  ...app,
  ...ballot,
  ...comment,
  ...draft,
  ...glossary,
  ...guideline,
  ...history,
  ...library,
  ...member,
  ...narrow,
  ...people,
  ...practice,
  ...secretariat,
  ...section,
  ...suggest,
};
