# Makes tests/golden/data/weight_rules.json: regularizers and constraints of Keras, alone and in fit() and evaluate().
#   python keras_rules.py > ../weight_rules.json
import json, os
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import numpy as np, keras, tensorflow as tf
from keras import layers as L, regularizers as R, constraints as C
from keras_models import u01


def numbers(key, shape):
    return (u01(key, int(np.prod(shape))) * 2 - 1).reshape(shape).astype('float32')


def serialised(thing):
    text = keras.saving.serialize_keras_object(thing)
    return {'module': text['module'], 'class_name': text['class_name'], 'config': text['config'], 'registered_name': None}


weights = {'matrix': (5, 3), 'kernel': (3, 3, 2, 4)}
result = {'regularizers': [], 'constraints': [], 'fits': []}
for text, rule in {'l1': R.L1(), 'l1(0.3)': R.L1(.3), 'l2': R.L2(), 'l2(0.05)': R.L2(.05), 'l1_l2(0.01,0.01)': R.L1L2(.01, .01),
                   'l1_l2(0.1,0.02)': R.L1L2(.1, .02), 'orthogonal_regularizer': R.OrthogonalRegularizer(),
                   'orthogonal_regularizer(0.5,columns)': R.OrthogonalRegularizer(.5, 'columns')}.items():
    for name, shape in weights.items():
        if 'orthogonal' in text and len(shape) != 2: continue
        w = tf.Variable(numbers(name, shape))
        with tf.GradientTape() as tape: loss = rule(w)
        result['regularizers'].append(dict(rule=text, config=serialised(rule), weight=name, shape=shape, penalty=float(loss),
            gradient=[float(x) for x in np.ravel(tape.gradient(loss, w))]))
for text, rule in {'max_norm': C.MaxNorm(), 'max_norm(0.7)': C.MaxNorm(.7), 'max_norm(0.5,axis=[0,1,2])': C.MaxNorm(.5, [0, 1, 2]),
                   'non_neg': C.NonNeg(), 'unit_norm': C.UnitNorm(), 'unit_norm(axis=-1)': C.UnitNorm(-1),
                   'min_max_norm(0.8,1.1,0.5,1)': C.MinMaxNorm(.8, 1.1, .5, 1)}.items():
    for name, shape in weights.items():
        if '[' in text and len(shape) == 2: continue
        result['constraints'].append(dict(rule=text, config=serialised(rule), weight=name, shape=shape,
            after=[float(x) for x in np.ravel(rule(tf.constant(numbers(name, shape))))]))


def model(case):
    i = keras.Input((8, 8, 3), name='input')
    x = L.Conv2D(4, 3, activation='relu', name='conv', **case.get('conv', {}))(i)
    x = L.BatchNormalization(name='bn', **case.get('bn', {}))(x)
    x = L.DepthwiseConv2D(3, name='dw', **case.get('dw', {}))(x)
    x = L.GlobalAveragePooling2D(name='gap', **case.get('gap', {}))(x)
    m = keras.Model(i, L.Dense(3, name='head', **case.get('head', {}))(x))
    for layer in m.layers:
        for v in layer.weights:
            v.assign(numbers(f'{layer.name}/{v.name}', tuple(v.shape)) * .5 + (1. if v.name in ('gamma', 'moving_variance') else 0.))
    for name in case.get('frozen', []): m.get_layer(name).trainable = False
    return m


cases = {
    'l2_everywhere': dict(conv=dict(kernel_regularizer=R.L2(.02), bias_regularizer=R.L1(.01)), bn=dict(gamma_regularizer=R.L2(.1)),
                          dw=dict(depthwise_regularizer=R.L1L2(.01, .02)), head=dict(kernel_regularizer=R.OrthogonalRegularizer(.3))),
    'frozen_is_not_counted': dict(conv=dict(kernel_regularizer=R.L2(.5)), head=dict(kernel_regularizer='l2'), frozen=['conv']),
    'constraints': dict(conv=dict(kernel_constraint=C.MaxNorm(.4, [0, 1, 2]), bias_constraint='non_neg'),
                        head=dict(kernel_constraint='unit_norm')),
    'activities': dict(conv=dict(activity_regularizer=R.L1L2(.002, .003)), bn=dict(activity_regularizer=R.L2(.001)),
                       gap=dict(activity_regularizer=R.OrthogonalRegularizer(.5, 'columns')), head=dict(activity_regularizer='l2')),
    'activities_frozen': dict(conv=dict(activity_regularizer=R.L2(.01)), dw=dict(activity_regularizer=R.L1(.005)), frozen=['conv', 'bn']),
    'activity_of_softmax': dict(head=dict(activity_regularizer=R.L2(.4), activation='softmax')),
}
x = numbers('images', (20, 8, 8, 3)); y = np.floor(u01('labels', 20) * 3).astype('int64')
for name, case in cases.items():
    m = model(case)
    m.compile(optimizer=keras.optimizers.SGD(.1, momentum=.9), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=name != 'activity_of_softmax'))
    h = m.fit(x, y, batch_size=8, epochs=3, shuffle=False, validation_data=(x[:10], y[:10]), validation_batch_size=4, verbose=0)
    result['fits'].append(dict(name=name, frozen=case.get('frozen', []), loss=h.history['loss'], val_loss=h.history['val_loss'],
        evaluate=float(m.evaluate(x, y, batch_size=8, verbose=0)), config=json.loads(m.to_json()),
        weights={f'{l.name}/{v.name}': [float(e) for e in np.ravel(v)] for l in m.layers for v in l.weights}))
print(json.dumps(result))
