import { useState } from 'preact/hooks';
import { Gallery } from '../label/gallery.tsx';
import { NewGroups } from '../label/new_groups.tsx';
import { Proposals, pick, Review } from '../label/proposals.tsx';
import { Standing } from '../label/standing.tsx';
import { Suspects } from '../label/suspects.tsx';
import { SessionMap } from '../map/session_map.tsx';
import { type Tab, Tabs } from '../parts/tabs.tsx';
import { reviewQueue } from '../state/judged.ts';
import { given } from '../state/labelling.ts';
import { goTo } from '../state/screen.ts';
import { judgement } from '../state/training.ts';

/** Where a person answers, and sees what the answers bring. */
export function LabelScreen() {
  const [tab, setTab] = useState('next');
  const judged = judgement.value;
  const tabs: readonly Tab[] = [
    { id: 'next', name: 'Next' },
    { id: 'review', name: 'Review', count: reviewQueue.value.length },
    { id: 'classes', name: 'By class' },
    {
      id: 'suspects',
      name: 'Doubtful labels',
      count: (judged?.suspects ?? []).filter(({ image, given: label }) => given.value[image] === label)
        .length,
    },
    { id: 'groups', name: 'New classes', count: judged?.newGroups.length ?? 0 },
  ];
  const look = (image: number) => {
    pick(image);
    setTab('next');
  };
  return (
    <>
      <h1 class="hidden">Label</h1>
      <div class="columns label">
        <Tabs tabs={tabs} label="Ways to label" chosen={tab} onChoose={setTab}>
          {tab === 'next' && <Proposals />}
          {tab === 'review' && <Review />}
          {tab === 'classes' && <Gallery />}
          {tab === 'suspects' && <Suspects onLook={() => setTab('next')} />}
          {tab === 'groups' && <NewGroups />}
        </Tabs>
        <aside>
          <SessionMap onPick={look} legend={tab !== 'next' && tab !== 'review'} />
          <Standing />
          <div class="actions onward">
            <button type="button" onClick={() => goTo('home')}>
              Take the labels home
            </button>
          </div>
        </aside>
      </div>
    </>
  );
}
