// The page of values: numbers and days in the reader's own digits and calendar.
import { loadTranslations } from "./translations.js";
import { writeValues } from "./value_words.js";

await loadTranslations();
writeValues();
