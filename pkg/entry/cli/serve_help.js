// Apart from serve.js, because it is told without loading the server.

export const HELP = `Usage: sluicebox serve [options]

Starts the stream server.

  --port N        port to listen on (default 8080; 0 takes a free one)
  --host NAME     address to listen on (default 127.0.0.1)
  --store STORE   where events are kept (default sqlite:sluicebox.db):
                    sqlite:PATH       a file; synchronous = FULL, so that an acknowledged event
                                      survives a power cut. Needs Node.js 22.13, Deno, Bun or
                                      npm install @libsql/client
                    postgres://…      PostgreSQL; needs npm install pg
                    redis://…         Redis; needs npm install redis (or ioredis). As durable as
                                      its appendonly and appendfsync say
                    memory            until the process ends
  --keys A,B,C    members of events that can be filtered by (default none)
  --key KEY:ROLE  an API key and what it may do: write, read or admin (default admin);
                  may be given several times. Without any there is no authentication,
                  and the server listens on this machine only
  --rate-limit C/S at most C write calls of each API key in S seconds (default no limit)
  --log           a line of JSON to stderr for each request; errors are always told
  --cors ORIGINS  origins whose pages may call, with commas between, or "*"
  --help          this text
`;
