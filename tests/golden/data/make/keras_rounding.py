# How far rounding alone moves the losses of training_test.cpp's cases in Keras: the losses in
# float64, and by how much those in float32 differ from them at most when the same photos of a batch stand
# in other orders, which changes no sum but its rounding. One unit at a border of ReLU that falls to its other
# side changes the gradient by a thousandth to a hundredth; a large step then carries it into the loss.
# The numbers in training_test.cpp are the largest of four runs of this: as it is, with TF_ENABLE_ONEDNN_OPTS=0
# and with ONEDNN_MAX_CPU_ISA=AVX2, which take other kernels, and on a processor (Zen 3) with AVX2 alone.
import os
os.environ['TF_CPP_MIN_LOG_LEVEL']='3'
import json, sys
import numpy as np, keras, tensorflow as tf
from keras import layers as L
from keras_models import fill,u01
ORDERS=24
def mobilenet(cut):
    b=keras.applications.MobileNetV2(weights=None,include_top=False,input_shape=(96,96,3),alpha=.35)
    for l in b.layers[:cut]: l.trainable=False
    i=keras.Input((96,96,3)); m=keras.Model(i,L.Dense(1,name='predictions')(L.GlobalAveragePooling2D()(b(i))))
    return m,b.layers+m.layers[-1:],keras.losses.BinaryCrossentropy(from_logits=True)
def cnn():
    m=keras.Sequential([keras.Input((32,32,3)),L.Conv2D(8,3,activation='relu',name='conv1'),L.MaxPooling2D(2),
        L.Conv2D(16,3,padding='same',activation='relu',name='conv2'),L.DepthwiseConv2D(3,strides=2,padding='same',name='dw3'),
        L.GlobalAveragePooling2D(),L.Dense(12,activation='relu',name='fc1'),L.Dense(4,name='fc2')])
    return m,m.layers,keras.losses.SparseCategoricalCrossentropy(from_logits=True)
def images(n,size,key): return np.floor(u01(f'{key}/{n}x{size}x{size}x3',n*size*size*3)*256).reshape(n,size,size,3)/127.5-1
def photos96(): return images(32,96,'train96'),np.floor(u01('train96/labels',32)*2).reshape(-1,1)
def photos32(): return images(64,32,'train'),np.floor(u01('train/labels',64)*4)
CASES={'cnn/nadam':(cnn,photos32,16,lambda:keras.optimizers.Nadam(1e-2),12),
       'mnv2/finetune100_bn_inference':(lambda:mobilenet(100),photos96,8,lambda:keras.optimizers.RMSprop(1e-4),6),
       'mnv2/finetune100_bn_training':(lambda:mobilenet(100),photos96,8,lambda:keras.optimizers.SGD(1e-2),6),
       'mnv2/full_bn_inference':(lambda:mobilenet(0),photos96,8,lambda:keras.optimizers.SGD(1e-2),4),
       'mnv2/full_small_steps':(lambda:mobilenet(0),photos96,8,lambda:keras.optimizers.SGD(1e-5),4)}
def losses(case,orders,precision):
    model,data,batch,optimizer,steps=case
    keras.backend.clear_session()
    keras.config.set_floatx(precision); keras.config.set_dtype_policy(precision)
    m,layers,loss=model(); x,y=data(); x=x.astype('float32').astype(precision); y=y.astype(precision)
    start=[(v,fill(f'{l.name}/{v.name}',v.name,tuple(v.shape))) for l in layers for v in l.weights]
    o=optimizer(); o.build(m.trainable_variables)
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
        p=np.arange(batch) if k==0 else np.argsort(u01(f'order{k}',batch))
        rows.append([float(step(x[batch*(s%4):][:batch][p],y[batch*(s%4):][:batch][p])) for s in range(steps)])
    return np.array(rows)
result={}
for name,case in CASES.items():
    if len(sys.argv)>2 and name not in sys.argv[2:]: continue
    exact=losses(case,1,'float64')[0]
    rounded=losses(case,ORDERS,'float32')
    result[name]=dict(float64=exact.tolist(),spread=np.abs(rounded-exact).max(0).tolist())
    print(name,result[name],np.sqrt(((rounded-exact)**2).mean(0)),flush=True)
json.dump(result,open(sys.argv[1],'w'),indent=1)
