import { createApp } from 'vue';
import 'element-plus/theme-chalk/base.css';
import 'element-plus/theme-chalk/dark/css-vars.css';
import 'element-plus/theme-chalk/el-message.css';
import 'element-plus/theme-chalk/el-message-box.css';
import 'element-plus/theme-chalk/el-overlay.css';
import './console.css';
import App from './App.vue';
import { followLargeText } from './composables/use-large-text';
import { followTheme } from './composables/use-theme';
import { router } from './router';

followTheme();
followLargeText();
createApp(App).use(router).mount('#app');
