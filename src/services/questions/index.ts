import { defineService } from '../../dialogue/service';
import { askFlow, supplementFlow } from './ask.flow';
import { loadDemo } from './demo';
import { held } from './departments';
import { tellFate } from './fate';
import { figuresRoutes } from './figures-routes';
import { jobs } from './jobs';
import { jointRoutes } from './joint-routes';
import { notices } from './notices';
import { answers, askOffer, cases, showForm, showMine, showOne, showRating } from './openers';
import { origin } from './origin';
import { citizenRoutes } from './pages';
import { citizenImageRoutes } from './pages-images';
import { knownRoute } from './pages-known';
import { mineRoute } from './pages-mine';
import { personal } from './personal';
import { media, photoFlow, placeFlow } from './photos.flow';
import { ratings } from './rate.flow';
import { ruleRoutes } from './rule-routes';
import { settingsRoutes } from './settings-routes';
import { questionRoutes } from './staff';
import { imageRoutes } from './staff-images';
import { sharedRoutes } from './staff-shared';

/** 部门答疑: citizens ask, departments answer, clocks see to it that they do. */
export const questions = defineService({
  key: 'questions',
  kind: 'ask',
  title: '部门答疑',
  opens: [
    { key: 'questions.ask', start: askFlow, keywords: ['提问', '我要提问', '部门答疑'], scenes: ['questions'] },
    { key: 'questions.add', start: supplementFlow, keywords: ['补充', '补充提问'] },
    { key: 'questions.photo', start: photoFlow, keywords: ['补充照片'] },
    { key: 'questions.place', start: placeFlow, keywords: ['补充位置'] },
    { key: 'questions.mine', start: showMine, keywords: ['我的提问'] },
    { key: 'questions.one', start: showOne },
    { key: 'questions.form', start: showForm, keywords: ['网页提问'] },
    { key: 'questions.rate', start: showRating, keywords: ['评价', '评价答复'] },
    ...ratings,
  ],
  contributes: {
    answers,
    fate: tellFate,
    media,
    cases,
    ask: askOffer,
    origin,
    held,
    personal,
  },
  // Before those of single questions: `/calendar` is no question's id.
  staffRoutes: [
    ...settingsRoutes,
    ...figuresRoutes,
    ...sharedRoutes,
    ...ruleRoutes,
    ...jointRoutes,
    ...questionRoutes,
    ...imageRoutes,
  ],
  citizenRoutes: [mineRoute, ...citizenRoutes, knownRoute, ...citizenImageRoutes],
  notices,
  jobs,
  demo: loadDemo,
});
