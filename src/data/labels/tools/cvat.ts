import { UserError } from '../../../errors.ts';
import type { ToolEntry, ToolFile } from './tool_file.ts';
import { childrenOf, type XmlElement } from './xml.ts';

// CVAT for images 1.1: https://docs.cvat.ai/docs/manual/advanced/xml_format/

/** What CVAT draws on an image. */
const shapes = new Set(['box', 'polygon', 'polyline', 'points', 'mask', 'ellipse', 'cuboid', 'skeleton']);

/** Whether an XML file is CVAT's. */
export const isCvat = (root: XmlElement): boolean => root.name === 'annotations';

/**
 * Labels of CVAT for images: an image's tags; where it has none, the one class of all its shapes. Where all tags of the
 * file have one label and one and the same attribute with several values, such as a label `image` with an attribute
 * `class`, the attribute's value is the class. What a model has drawn (`source="auto"`) and nobody changed does not count.
 * @throws UserError for CVAT's format of videos
 */
export function readCvat(root: XmlElement, file: string): ToolFile {
  const images = childrenOf(root, 'image');
  if (images.length === 0 && childrenOf(root, 'track').length > 0)
    throw new UserError(`${file} is in CVAT's format of videos: export it as 'CVAT for images 1.1'`);
  const attribute = classAttribute(images.flatMap((image) => childrenOf(image, 'tag')));
  const entries = images.map((image): ToolEntry => {
    const name = image.attributes.get('name') ?? '';
    const places = name === '' ? [] : [name];
    const tags = childrenOf(image, 'tag');
    const drawn = tags.length > 0 ? tags : image.children.filter((child) => shapes.has(child.name));
    const checked = drawn.filter((child) => child.attributes.get('source') !== 'auto');
    if (checked.length === 0)
      return { places, classes: [], leftOut: drawn.length > 0 ? 'predicted' : 'open' };
    return { places, classes: checked.flatMap((child) => classOf(child, attribute)) };
  });
  const notes =
    attribute === undefined ? [] : [`labels: the classes are the values of the attribute ${attribute}`];
  return { tool: 'CVAT for images', entries, notes };
}

function classOf(element: XmlElement, attribute: string | undefined): string[] {
  const label =
    attribute === undefined ? element.attributes.get('label') : attributesOf(element).get(attribute);
  return label === undefined ? [] : [label];
}

const attributesOf = (element: XmlElement): Map<string, string> =>
  new Map(childrenOf(element, 'attribute').map((child) => [child.attributes.get('name') ?? '', child.text]));

/** The attribute that holds the class where the labels of all tags are one and the same. */
function classAttribute(tags: readonly XmlElement[]): string | undefined {
  if (new Set(tags.map((tag) => tag.attributes.get('label'))).size !== 1) return undefined;
  const all = tags.map(attributesOf);
  const names = new Set(all.flatMap((attributes) => [...attributes.keys()]));
  const [name] = names;
  if (name === undefined || names.size > 1) return undefined;
  return new Set(all.map((attributes) => attributes.get(name))).size > 1 ? name : undefined;
}
