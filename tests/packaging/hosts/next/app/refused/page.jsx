import { Tracked } from "../tracked.jsx";

export default function Page() {
  return <Tracked />;
}
