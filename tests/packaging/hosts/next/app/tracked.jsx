"use client";
import { useEffect } from "react";
import { Analytics } from "sluicebox";

export function Tracked() {
  useEffect(() => {
    const given = new URLSearchParams(location.search);
    const analytics = new Analytics({
      writeKey: given.get("key"),
      dataPlaneUrl: given.get("to"),
      onError: (error) => console.error(error.code, error.message),
    });
    analytics.track("Opened");
  }, []);
  return <p>Tracked</p>;
}
