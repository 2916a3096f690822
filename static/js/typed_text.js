// Whether something typed on this page would be lost with it. A choice outside a form acts at once: nothing of it is lost.
const isChanged = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
  : field.type === "file" ? field.files.length > 0
  : field.options ? field.form && [...field.options].some((option, i) => option.selected !== (option.defaultSelected || (i === 0 && ![...field.options].some((one) => one.defaultSelected))))
  : field.value !== field.defaultValue);

export const hasTypedText = () =>
  [...document.querySelectorAll("main :is(input, textarea, select):not([type=hidden])")].some(isChanged);
