import { StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Link, Route, Routes, useParams } from "react-router";
import { analytics } from "./analytics.js";

const PRODUCTS = ["lamp", "chair"];

function useTitle(title) {
  useEffect(() => {
    document.title = title;
  }, [title]);
}

function Home() {
  useTitle("Shop");
  return (
    <ul>
      {PRODUCTS.map((name) => (
        <li key={name}>
          <Link to={`/products/${name}`}>{name}</Link>
        </li>
      ))}
    </ul>
  );
}

function Product() {
  const { name } = useParams();
  useTitle(name);
  return (
    <>
      <h1>{name}</h1>
      <button onClick={() => analytics.track("Product Added", { name })}>Add to cart</button>
      <Link to="/">All products</Link>
    </>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <BrowserRouter>
      <Routes>
        <Route path="/" element={<Home />} />
        <Route path="/products/:name" element={<Product />} />
      </Routes>
    </BrowserRouter>
  </StrictMode>,
);
