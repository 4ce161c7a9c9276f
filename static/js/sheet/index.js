/* Bring every sheet of the page to life. */
import { EntryForm } from "./form.js";
import { Grid } from "./grid.js";

for (const table of document.querySelectorAll("table[data-sheet]")) new Grid(table);
for (const form of document.querySelectorAll("form[data-sheet-form]")) new EntryForm(form);
