/** Whether a text is made of ASCII characters alone, which then are its UTF-16 units. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 127) return false;
  }
  return true;
}
