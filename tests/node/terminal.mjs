// A command on a real terminal: what it writes is what the terminal got, what the test types is typed.

import { spawn, spawnSync } from "node:child_process";

const COLUMNS = 100;

/** Gives its child a terminal of its own, and says what it said. */
const PTY = `
import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, ${COLUMNS}, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
watched = [terminal, 0]
while True:
    ready, _, _ = select.select(watched, [], [])
    if 0 in ready:
        typed = os.read(0, 1024)
        if typed:
            os.write(terminal, typed)
        else:
            watched.remove(0)
    if terminal in ready:
        try:
            said = os.read(terminal, 65536)
        except OSError:
            said = b""
        if not said:
            break
        os.write(1, said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** Why there is no terminal here, or false. */
export const noTerminal =
  spawnSync("python3", ["-c", "import pty"]).status !== 0 && "needs python3 and its module pty";

/** Runs a command on a terminal. Gives { said, type, ended }: `said()` is all that it showed so far. */
export function onTerminal(t, command, env = {}) {
  const own = { ...process.env, TERM: "xterm-256color", COLORTERM: "", ...env };
  // Where CI is set, Node.js takes a terminal for one without colours.
  for (const name of ["NO_COLOR", "CI"]) delete own[name];
  Object.assign(own, env);
  const child = spawn("python3", ["-c", PTY, ...command], { env: own });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  const ended = new Promise((resolve) => child.on("close", (code) => resolve({ code, text })));
  return { said: () => text, type: (keys) => child.stdin.write(keys), ended };
}
