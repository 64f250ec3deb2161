/* Draws the charts with ECharts. All charts have this look. Runs in Rhino, without a browser. */
'use strict';

var FONT = '-apple-system,Segoe UI,Helvetica,Arial,sans-serif';

/* ECharts schedules animations and clean-ups, which a picture does not need. */
function setTimeout() {
    return 0;
}

function clearTimeout() {}

/* Returns a number as a label of an axis: 0.5, 10,000 or 20M. */
function grouped(value) {
    if (Math.abs(value) >= 1e6) {
        return grouped(value / 1e6) + 'M';
    }
    var parts = String(value).split('.');
    parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ',');
    return parts.join('.');
}

function isPowerOfTen(value) {
    return /^10*$/.test(String(value));
}

/* Returns about how wide a text of 12 px is. */
function width(text) {
    return 6.7 * text.length;
}

function widest(texts) {
    return Math.ceil(Math.max.apply(null, texts.map(width)));
}

function axis(spec, extra) {
    var common = {
        axisLine: {show: false},
        axisTick: {show: false},
        axisLabel: {color: spec.muted, fontSize: 12, hideOverlap: true, formatter: grouped},
        splitLine: {lineStyle: {color: spec.grid, width: 1}},
        nameTextStyle: {color: spec.muted, fontSize: 12},
        nameLocation: 'middle'
    };
    for (var key in extra) {
        common[key] = extra[key];
    }
    return common;
}

/* An error bar across the direction of the values: a line with short ends. */
function errorBar(from, to, horizontal, color) {
    var end = 3;
    function line(x1, y1, x2, y2) {
        return {
            type: 'line',
            shape: {x1: x1, y1: y1, x2: x2, y2: y2},
            style: {stroke: color, lineWidth: 1.2}
        };
    }
    return horizontal
        ? [
              line(from[0], from[1], to[0], to[1]),
              line(from[0], from[1] - end, from[0], from[1] + end),
              line(to[0], to[1] - end, to[0], to[1] + end)
          ]
        : [
              line(from[0], from[1], to[0], to[1]),
              line(from[0] - end, from[1], from[0] + end, from[1]),
              line(to[0] - end, to[1], to[0] + end, to[1])
          ];
}

/* Sorted bars with the value behind each. */
function bars(spec) {
    var names = spec.series.map(function (each) {
        return each.label;
    });
    var values = spec.series.map(function (each) {
        return each.points[0].text;
    });
    var label = {color: spec.text, fontSize: 12, interval: 0};
    if (spec.labelsAbove) {
        label.inside = true;
        label.margin = 0;
        label.verticalAlign = 'bottom';
        label.padding = [0, 0, 9, 0];
    }
    return {
        grid: {
            left: spec.labelsAbove ? 8 : widest(names) + 12,
            right: widest(values) + 14,
            top: 4,
            bottom: 40
        },
        xAxis: axis(spec, {
            type: 'value',
            min: 0,
            splitNumber: spec.width < 500 ? 3 : 5,
            name: spec.unit,
            nameGap: 24
        }),
        yAxis: axis(spec, {
            type: 'category',
            inverse: true,
            data: names,
            axisLabel: label,
            z: 10,
            splitLine: {show: false}
        }),
        series: [
            {
                type: 'bar',
                barWidth: spec.labelsAbove ? 10 : 16,
                data: spec.series.map(function (each) {
                    return {value: each.points[0].y, itemStyle: {color: each.color}};
                })
            },
            {
                type: 'custom',
                z: 10,
                data: spec.series.map(function (each, index) {
                    return [each.points[0].high, index, each.points[0].low];
                }),
                renderItem: function (item, api) {
                    var high = api.coord([api.value(0), api.value(1)]);
                    var low = api.coord([api.value(2), api.value(1)]);
                    var children = errorBar(low, high, true, spec.text);
                    children.push({
                        type: 'text',
                        x: high[0] + 8,
                        y: high[1],
                        style: {
                            text: values[item.dataIndex],
                            fill: spec.text,
                            font: '12px ' + FONT,
                            verticalAlign: 'middle'
                        }
                    });
                    return {type: 'group', children: children};
                }
            }
        ]
    };
}

/* Lines that are labelled where they end. */
function lines(spec) {
    var labels = spec.series.map(function (each) {
        return each.label;
    });
    var last = Math.max.apply(
        null,
        spec.series.map(function (each) {
            return each.points[each.points.length - 1].x;
        })
    );
    /* The labels of a logarithmic axis are powers of ten, and the last value is near one. */
    var showsLast = !spec.logX || isPowerOfTen(last);
    /* The labels of lines may be as low as the last label of the axis, so they begin behind it. */
    var gap = showsLast ? Math.ceil(width(grouped(last)) / 2) + 4 : 8;
    var series = [];
    spec.series.forEach(function (each) {
        series.push({
            type: 'line',
            name: each.label,
            data: each.points.map(function (point) {
                return [point.x, point.y];
            }),
            symbol: 'circle',
            symbolSize: 5,
            itemStyle: {color: each.color},
            lineStyle: {color: each.color, width: 2, type: each.dash},
            endLabel: {
                show: true,
                formatter: each.label,
                color: each.color,
                fontSize: 12,
                distance: gap
            },
            labelLayout: {moveOverlap: 'shiftY'}
        });
        series.push({
            type: 'custom',
            data: each.points.map(function (point) {
                return [point.x, point.high, point.low];
            }),
            renderItem: function (item, api) {
                return {
                    type: 'group',
                    children: errorBar(
                        api.coord([api.value(0), api.value(2)]),
                        api.coord([api.value(0), api.value(1)]),
                        false,
                        each.color
                    )
                };
            }
        });
    });
    return {
        grid: {left: 60, right: widest(labels) + gap + 8, top: 26, bottom: 40},
        xAxis: axis(spec, {
            type: spec.logX ? 'log' : 'value',
            min: 'dataMin',
            max: 'dataMax',
            name: spec.axis,
            nameGap: 24,
            axisLabel: {
                color: spec.muted,
                fontSize: 12,
                hideOverlap: true,
                formatter: grouped,
                showMaxLabel: spec.logX ? showsLast : null
            },
            splitLine: {show: false}
        }),
        yAxis: axis(spec, {
            type: spec.logY ? 'log' : 'value',
            min: spec.logY ? null : 0,
            splitNumber: 4,
            name: spec.unit,
            nameLocation: 'end',
            nameGap: 10,
            nameTextStyle: {color: spec.muted, fontSize: 12, align: 'left', padding: [0, 0, 0, -52]}
        }),
        series: series
    };
}

/* Returns the SVG of a chart, which the JSON describes. */
function draw(json) {
    var spec = JSON.parse(json);
    var chart = echarts.init(null, null, {
        renderer: 'svg',
        ssr: true,
        width: spec.width,
        height: spec.height
    });
    var option = spec.axis ? lines(spec) : bars(spec);
    option.animation = false;
    option.textStyle = {fontFamily: FONT};
    chart.setOption(option);
    var svg = chart.renderToSVGString();
    chart.dispose();
    return svg;
}
