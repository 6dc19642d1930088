import type { ToolEntry } from './tool_file.ts';
import { childrenOf, childText, type XmlElement } from './xml.ts';

// http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html

/** Whether an XML file is an annotation of Pascal VOC's: one image. */
export const isVoc = (root: XmlElement): boolean => root.name === 'annotation';

/**
 * The label of an annotation of Pascal VOC's: the one class of all its objects.
 * @param name path of the XML file below the folder of annotations; the image often bears the same name, whatever the file says
 */
export function readVoc(root: XmlElement, name: string): ToolEntry {
  const [folder, filename, path] = ['folder', 'filename', 'path'].map((field) => childText(root, field));
  const stem = name.replaceAll('\\', '/').replace(/\.xml$/i, '');
  const below = stem.replace(/^(.*\/)?Annotations\//i, '');
  const places = [path!, folder && filename ? `${folder}/${filename}` : '', filename!, stem, below];
  return {
    places: places.filter((place) => place !== ''),
    classes: childrenOf(root, 'object')
      .map((object) => childText(object, 'name'))
      .filter((label) => label !== ''),
  };
}
