/**
 * Switches between the modules and the modules by category.
 *
 * @module
 */
import { Icon } from "../icons.tsx";
import { useStore } from "./context.ts";
import { CONTAINERS, MODULES } from "./views.ts";

export function CategoryToggle() {
  const store = useStore();
  const isOn = store.view.value.kind === "containers";
  function toggle(): void {
    const chosen = store.selection.value;
    store.show(isOn ? MODULES : CONTAINERS);
    store.select(chosen);
  }
  return (
    <button
      type="button"
      class="button icon"
      title="By category"
      aria-label="By category"
      aria-pressed={isOn}
      onClick={toggle}
    >
      <Icon name="containers" />
    </button>
  );
}
