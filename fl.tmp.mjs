import { launchBrowser } from "./tests/e2e/launch.mjs";
import { createServer } from "node:http";
const s = createServer((q,r)=>{console.log(q.method,q.url,q.headers.origin,q.headers['content-type'],q.headers["content-length"]);r.setHeader('access-control-allow-origin','*');r.setHeader('access-control-allow-headers','*');r.setHeader("content-type","text/html");r.end("<p>hi")}).listen(0);
const u = "http://127.0.0.1:"+s.address().port, v = "http://localhost:"+s.address().port;
const b = await launchBrowser();
const p = await b.newPage(); await p.goto(u); console.log(b.version(), await p.evaluate("typeof fetchLater"));
console.log(await p.evaluate(async v=>{
 const out=[];const c=new AbortController();
 const t=(n,o,url=v)=>{try{const r=fetchLater(url+"/"+n,{method:"POST",headers:{"content-type":"application/json"},body:"x".repeat(n),signal:c.signal,...o});out.push([n,r.activated]);}catch(e){out.push([n,e.name,e.message])}};
 t(70000);t(66000);t(60000);t(5000);t(3000);t(1000); t(500,{headers:{"content-type":"text/plain"}});t(60000,{}, "https://example.org");t(60000,{}, location.origin);t(300,{keepalive:true});c.abort(); t(400);
 const d=new AbortController(); t(30000,{signal:d.signal}); t(35000,{signal:d.signal}); t(30001,{signal:d.signal, body:new Uint8Array(30001)});
 t(70,{signal:d.signal, body:new Blob(["x"])});
 return out},v));
await p.close(); await new Promise(r=>setTimeout(r,2000)); await b.close(); s.close();
