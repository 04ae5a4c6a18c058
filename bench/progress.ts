// One line on the terminal that says what is being done.
//
// Exports: createProgress.

const columns = () => process.stdout.columns || 100

/** Where nobody watches, as in a pipe, only whole lines are printed. */
export function createProgress() {
  const live = process.stdout.isTTY
  const clear = () => {
    if (live) process.stdout.write('\r\x1b[K')
  }
  return {
    now(doing: string) {
      clear()
      if (live) process.stdout.write(`  … ${doing}`.slice(0, columns() - 1))
    },
    line(text: string) {
      clear()
      process.stdout.write(`${text}\n`)
    },
    clear,
  }
}
