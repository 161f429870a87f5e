# How far rounding alone moves the losses of training_test.cpp's cases of MobileNetV2 in Keras: the losses in
# float64, and by how much those in float32 differ from them at most when the same eight photos of a batch stand
# in other orders, which changes no sum but its rounding. One unit at a border of ReLU6 that falls to its other
# side changes the gradient by a thousandth to a hundredth; a large step then carries it into the loss.
# The numbers in training_test.cpp are the largest of three runs of this: as it is, with TF_ENABLE_ONEDNN_OPTS=0
# and with ONEDNN_MAX_CPU_ISA=AVX2, which take other kernels.
import os
os.environ['TF_CPP_MIN_LOG_LEVEL']='3'
import json, sys
import numpy as np, keras, tensorflow as tf
from keras import layers as L
from keras_models import fill,u01
ORDERS=24
CASES={'mnv2/finetune100_bn_inference':(100,lambda:keras.optimizers.RMSprop(1e-4),6),
       'mnv2/finetune100_bn_training':(100,lambda:keras.optimizers.SGD(1e-2),6),
       'mnv2/full_bn_inference':(0,lambda:keras.optimizers.SGD(1e-2),4),
       'mnv2/full_small_steps':(0,lambda:keras.optimizers.SGD(1e-5),4)}
def losses(cut,optimizer,steps,orders,precision):
    keras.backend.clear_session()
    keras.config.set_floatx(precision); keras.config.set_dtype_policy(precision)
    b=keras.applications.MobileNetV2(weights=None,include_top=False,input_shape=(96,96,3),alpha=.35)
    for l in b.layers[:cut]: l.trainable=False
    i=keras.Input((96,96,3)); m=keras.Model(i,L.Dense(1,name='predictions')(L.GlobalAveragePooling2D()(b(i))))
    start=[(v,fill(f'{l.name}/{v.name}',v.name,tuple(v.shape))) for l in b.layers+[m.layers[-1]] for v in l.weights]
    x=(np.floor(u01('train96/32x96x96x3',32*96*96*3)*256).reshape(32,96,96,3)/127.5-1).astype('float32').astype(precision)
    y=np.floor(u01('train96/labels',32)*2).reshape(-1,1).astype(precision)
    loss=keras.losses.BinaryCrossentropy(from_logits=True); o=optimizer(); o.build(m.trainable_variables)
    fresh=[np.asarray(v) for v in o.variables]
    @tf.function
    def step(x,y):
        with tf.GradientTape() as t: value=loss(y,m(x,training=True))
        o.apply(t.gradient(value,[v.value for v in m.trainable_variables]))
        return value
    rows=[]
    for k in range(orders):
        for v,w in start: v.assign(w)
        for v,w in zip(o.variables,fresh): v.assign(w)
        p=np.arange(8) if k==0 else np.argsort(u01(f'order{k}',8))
        rows.append([float(step(x[8*(s%4):][:8][p],y[8*(s%4):][:8][p])) for s in range(steps)])
    return np.array(rows)
result={}
for name,(cut,optimizer,steps) in CASES.items():
    exact=losses(cut,optimizer,steps,1,'float64')[0]
    rounded=losses(cut,optimizer,steps,ORDERS,'float32')
    result[name]=dict(float64=exact.tolist(),spread=np.abs(rounded-exact).max(0).tolist())
    print(name,result[name],np.sqrt(((rounded-exact)**2).mean(0)),flush=True)
json.dump(result,open(sys.argv[1],'w'),indent=1)
