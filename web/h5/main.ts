import { createApp } from 'vue';
import App from './App.vue';
import { router } from './router';
import './h5.css';

createApp(App).use(router).mount('#app');
