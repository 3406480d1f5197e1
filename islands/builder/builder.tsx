export default function Builder({ document }: { readonly document: string }) {
  return <p>{document}</p>;
}
