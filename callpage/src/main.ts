// The page's beginning. `link` comes first: it takes the token out of the address before anything else runs.
import "./link.ts";
import { start } from "./page.ts";

void start();
