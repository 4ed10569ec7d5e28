import { createApp } from 'vue';
import App from './App.vue';
import { router } from './router';
import { comeBack } from './session';
import './h5.css';

void comeBack().then((leaving) => {
  if (!leaving) createApp(App).use(router).mount('#app');
});
